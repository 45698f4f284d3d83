-- What the database refuses by itself, whoever asks. One statement ends with a line that holds only a semicolon.

CREATE FUNCTION care_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$
;

-- The log is append-only: positions 1, 2, 3 … and versions 1, 2, 3 … of each journey, without gaps.
CREATE FUNCTION care_event_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM care_event) THEN
    RAISE EXCEPTION 'the log has no gaps: an event takes the next position'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.version <> (SELECT coalesce(max(version), 0) + 1 FROM care_event WHERE journey_id = NEW.journey_id) THEN
    RAISE EXCEPTION 'a journey has no gaps: an event takes the next version'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
;
CREATE TRIGGER care_event_insert BEFORE INSERT ON care_event FOR EACH ROW EXECUTE FUNCTION care_event_next()
;
CREATE TRIGGER care_event_change BEFORE UPDATE OR DELETE ON care_event
  FOR EACH ROW EXECUTE FUNCTION care_refuse('the log is append-only: record a correction instead')
;
CREATE TRIGGER care_event_truncate BEFORE TRUNCATE ON care_event
  EXECUTE FUNCTION care_refuse('the log is append-only: record a correction instead')
;

-- Definitions, answers and the audit trail are append-only too.
CREATE TRIGGER care_definition_change BEFORE UPDATE OR DELETE ON care_definition
  FOR EACH ROW EXECUTE FUNCTION care_refuse('definitions are append-only: journeys are judged by them')
;
CREATE TRIGGER care_definition_truncate BEFORE TRUNCATE ON care_definition
  EXECUTE FUNCTION care_refuse('definitions are append-only: journeys are judged by them')
;
CREATE TRIGGER care_outcome_change BEFORE UPDATE OR DELETE ON care_outcome
  FOR EACH ROW EXECUTE FUNCTION care_refuse('answers are append-only')
;
CREATE TRIGGER care_outcome_truncate BEFORE TRUNCATE ON care_outcome
  EXECUTE FUNCTION care_refuse('answers are append-only')
;
CREATE FUNCTION care_access_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM care_access) THEN
    RAISE EXCEPTION 'the audit trail has no gaps: a row takes the next position'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
;
CREATE TRIGGER care_access_insert BEFORE INSERT ON care_access FOR EACH ROW EXECUTE FUNCTION care_access_next()
;
CREATE TRIGGER care_access_change BEFORE UPDATE OR DELETE ON care_access
  FOR EACH ROW EXECUTE FUNCTION care_refuse('the audit trail is append-only')
;
CREATE TRIGGER care_access_truncate BEFORE TRUNCATE ON care_access
  EXECUTE FUNCTION care_refuse('the audit trail is append-only')
;

-- The head of a journey is its last event; who it is about and what it is judged by never change.
CREATE FUNCTION care_journey_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.id <> OLD.id OR NEW.patient <> OLD.patient OR NEW.therapy <> OLD.therapy
       OR NEW.definition <> OLD.definition OR NEW.network <> OLD.network THEN
      RAISE EXCEPTION 'a journey keeps its patient, therapy and definition' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.version = OLD.version AND NEW.head = OLD.head THEN
      RETURN NEW;
    END IF;
    IF NEW.version <= OLD.version OR NEW.version <> (SELECT max(version) FROM care_event WHERE journey_id = NEW.id) THEN
      RAISE EXCEPTION 'the version of a journey grows with its events only'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM care_event WHERE journey_id = NEW.id AND version = NEW.version AND hash = NEW.head) THEN
    RAISE EXCEPTION 'the head of a journey is its last event' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
;
CREATE TRIGGER care_journey_write BEFORE INSERT OR UPDATE ON care_journey
  FOR EACH ROW EXECUTE FUNCTION care_journey_head()
;
CREATE TRIGGER care_journey_delete BEFORE DELETE ON care_journey
  FOR EACH ROW EXECUTE FUNCTION care_refuse('a journey is never deleted')
;
CREATE TRIGGER care_journey_truncate BEFORE TRUNCATE ON care_journey
  EXECUTE FUNCTION care_refuse('a journey is never deleted')
;

-- A claim is given back once, and stays readable; its uniqueness is an index.
CREATE TRIGGER care_claim_update BEFORE UPDATE ON care_claim FOR EACH ROW
  WHEN (OLD.released IS NOT NULL OR NEW.released IS NULL OR NEW.kind <> OLD.kind OR NEW.value <> OLD.value
        OR NEW.journey_id <> OLD.journey_id OR NEW.position <> OLD.position)
  EXECUTE FUNCTION care_refuse('a claim can only be given back, once')
;
CREATE TRIGGER care_claim_delete BEFORE DELETE ON care_claim
  FOR EACH ROW EXECUTE FUNCTION care_refuse('a claim is never deleted')
;
CREATE TRIGGER care_claim_truncate BEFORE TRUNCATE ON care_claim
  EXECUTE FUNCTION care_refuse('a claim is never deleted')
;

-- Nobody else has the time of a slot that is held or booked. A range of text makes an exclusion constraint on equal
-- resources possible without an extension; times are text that sorts.
CREATE TYPE care_text_range AS RANGE (subtype = text, collation = "C")
;
ALTER TABLE care_slot ADD CONSTRAINT care_slot_overlap EXCLUDE USING gist (
  care_text_range(resource, resource, '[]') WITH &&,
  care_text_range(start, "end", '[)') WITH &&
) WHERE (status IN ('held', 'booked'))
;
CREATE TRIGGER care_slot_delete BEFORE DELETE ON care_slot FOR EACH ROW
  WHEN (OLD.status IN ('held', 'booked')) EXECUTE FUNCTION care_refuse('a slot is released, not deleted')
;
CREATE TRIGGER care_slot_truncate BEFORE TRUNCATE ON care_slot
  EXECUTE FUNCTION care_refuse('a slot is released, not deleted')
;
