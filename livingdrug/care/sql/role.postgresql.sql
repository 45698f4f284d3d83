-- A role for the service that can do no more than its work: run once as the owner of the tables, who is somebody else.
-- Even with the password of the service, nobody can switch off a trigger, change the log, or read another database.
--
--   psql -v password="'…'" -f role.postgresql.sql livingdrug
--
-- `livingdrug store init`, `restore` and `rebuild` need the owner; everything else runs with this role.

CREATE ROLE livingdrug_service LOGIN PASSWORD :password NOSUPERUSER NOCREATEDB NOCREATEROLE;
GRANT USAGE ON SCHEMA public TO livingdrug_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO livingdrug_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO livingdrug_service;
REVOKE UPDATE, DELETE ON care_event, care_definition, care_outcome, care_access FROM livingdrug_service;
REVOKE DELETE ON care_journey, care_claim, care_slot FROM livingdrug_service;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM livingdrug_service;
