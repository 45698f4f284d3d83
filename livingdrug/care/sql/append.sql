-- The statements of the one transaction that every event goes through; both kinds of database understand them.

-- name: ends
-- Where the journey, the log and the audit trail end; nothing where they have not begun.
SELECT j.version, j.head, e.position, e.log_hash, a.position, a.hash
FROM (SELECT 1 AS one) AS one
LEFT JOIN care_journey AS j ON j.id = %s
LEFT JOIN (SELECT position, log_hash FROM care_event ORDER BY position DESC LIMIT 1) AS e ON true
LEFT JOIN (SELECT position, hash FROM care_access ORDER BY position DESC LIMIT 1) AS a ON true

-- name: event
INSERT INTO care_event (position, journey_id, version, name, at, recorded, "by", account, content, therapy, network, rules,
  key, previous, hash, log_hash)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- name: grown
-- The head moves only from where the journey was judged; the guard of the table compares it with the events.
UPDATE care_journey SET version = %s, head = %s, stage = %s, center = %s, site = %s, payer = %s, last_at = %s, due_at = %s, due = %s,
  blocked = %s, held = %s, severe = %s
WHERE id = %s AND version = %s

-- name: begun
INSERT INTO care_journey (version, head, stage, center, site, payer, last_at, due_at, due, blocked, held, severe, id, patient, therapy,
  definition, network)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- name: cohort
INSERT INTO care_cohortrow (journey_id, therapy, row) VALUES (%s, %s, %s)
ON CONFLICT (journey_id) DO UPDATE SET row = excluded.row

-- name: outcome
INSERT INTO care_outcome (account, key, request, answer, recorded) VALUES (%s, %s, %s, %s, %s)

-- name: access
INSERT INTO care_access (position, at, account, action, journey, patient, what, outcome, ip, reason, hash)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
