-- What the database refuses by itself, whoever asks. One statement ends with a line that holds only a semicolon.

-- The log is append-only: positions 1, 2, 3 … and versions 1, 2, 3 … of each journey, without gaps.
CREATE TRIGGER care_event_insert BEFORE INSERT ON care_event BEGIN
  SELECT RAISE(ABORT, 'the log has no gaps: an event takes the next position')
    WHERE NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM care_event);
  SELECT RAISE(ABORT, 'a journey has no gaps: an event takes the next version')
    WHERE NEW.version <> (SELECT coalesce(max(version), 0) + 1 FROM care_event WHERE journey_id = NEW.journey_id);
END
;
CREATE TRIGGER care_event_update BEFORE UPDATE ON care_event BEGIN
  SELECT RAISE(ABORT, 'the log is append-only: record a correction instead');
END
;
CREATE TRIGGER care_event_delete BEFORE DELETE ON care_event BEGIN
  SELECT RAISE(ABORT, 'the log is append-only: record a correction instead');
END
;

-- Definitions, answers and the audit trail are append-only too.
CREATE TRIGGER care_definition_update BEFORE UPDATE ON care_definition BEGIN
  SELECT RAISE(ABORT, 'definitions are append-only: define it anew');
END
;
CREATE TRIGGER care_definition_delete BEFORE DELETE ON care_definition BEGIN
  SELECT RAISE(ABORT, 'definitions are append-only: journeys are judged by them');
END
;
CREATE TRIGGER care_outcome_update BEFORE UPDATE ON care_outcome BEGIN
  SELECT RAISE(ABORT, 'answers are append-only');
END
;
CREATE TRIGGER care_outcome_delete BEFORE DELETE ON care_outcome BEGIN
  SELECT RAISE(ABORT, 'answers are append-only');
END
;
CREATE TRIGGER care_access_insert BEFORE INSERT ON care_access BEGIN
  SELECT RAISE(ABORT, 'the audit trail has no gaps: a row takes the next position')
    WHERE NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM care_access);
END
;
CREATE TRIGGER care_access_update BEFORE UPDATE ON care_access BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END
;
CREATE TRIGGER care_access_delete BEFORE DELETE ON care_access BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END
;

-- The head of a journey is its last event; who it is about and what it is judged by never change.
CREATE TRIGGER care_journey_insert BEFORE INSERT ON care_journey
WHEN NOT EXISTS (SELECT 1 FROM care_event WHERE journey_id = NEW.id AND version = NEW.version AND hash = NEW.head)
BEGIN
  SELECT RAISE(ABORT, 'a journey begins with an event');
END
;
CREATE TRIGGER care_journey_update BEFORE UPDATE ON care_journey BEGIN
  SELECT RAISE(ABORT, 'a journey keeps its patient, therapy and definition')
    WHERE NEW.id <> OLD.id OR NEW.patient <> OLD.patient OR NEW.therapy <> OLD.therapy
       OR NEW.definition <> OLD.definition OR NEW.network <> OLD.network;
  SELECT RAISE(ABORT, 'the version of a journey grows with its events only')
    WHERE (NEW.version <> OLD.version OR NEW.head <> OLD.head)
      AND (NEW.version <= OLD.version
           OR NEW.version <> (SELECT max(version) FROM care_event WHERE journey_id = NEW.id)
           OR NEW.head <> (SELECT hash FROM care_event WHERE journey_id = NEW.id AND version = NEW.version));
END
;
CREATE TRIGGER care_journey_delete BEFORE DELETE ON care_journey BEGIN
  SELECT RAISE(ABORT, 'a journey is never deleted');
END
;

-- A claim is given back once, and stays readable; its uniqueness is an index.
CREATE TRIGGER care_claim_update BEFORE UPDATE ON care_claim
WHEN OLD.released IS NOT NULL OR NEW.released IS NULL OR NEW.kind <> OLD.kind OR NEW.value <> OLD.value
  OR NEW.journey_id <> OLD.journey_id OR NEW.position <> OLD.position
BEGIN
  SELECT RAISE(ABORT, 'a claim can only be given back, once');
END
;
CREATE TRIGGER care_claim_delete BEFORE DELETE ON care_claim BEGIN
  SELECT RAISE(ABORT, 'a claim is never deleted');
END
;

-- Nobody else has the time of a slot that is held or booked.
CREATE TRIGGER care_slot_insert BEFORE INSERT ON care_slot WHEN NEW.status IN ('held', 'booked') BEGIN
  SELECT RAISE(ABORT, 'care_slot_overlap: this time is taken') WHERE EXISTS (
    SELECT 1 FROM care_slot WHERE resource = NEW.resource AND status IN ('held', 'booked')
      AND start < NEW."end" AND "end" > NEW.start AND NOT (journey_id = NEW.journey_id AND slot = NEW.slot));
END
;
CREATE TRIGGER care_slot_update BEFORE UPDATE ON care_slot WHEN NEW.status IN ('held', 'booked') BEGIN
  SELECT RAISE(ABORT, 'care_slot_overlap: this time is taken') WHERE EXISTS (
    SELECT 1 FROM care_slot WHERE resource = NEW.resource AND status IN ('held', 'booked')
      AND start < NEW."end" AND "end" > NEW.start AND id <> OLD.id);
END
;
CREATE TRIGGER care_slot_delete BEFORE DELETE ON care_slot WHEN OLD.status IN ('held', 'booked') BEGIN
  SELECT RAISE(ABORT, 'a slot is released, not deleted');
END
;
