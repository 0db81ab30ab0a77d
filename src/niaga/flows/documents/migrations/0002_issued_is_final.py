"""An issued document is never deleted, and only its derived PDF may be filled in."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse_document_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR
       (to_jsonb(NEW) - 'pdf_path' - 'pdf_sha256' - 'rendered_at')
       IS DISTINCT FROM (to_jsonb(OLD) - 'pdf_path' - 'pdf_sha256' - 'rendered_at') THEN
        RAISE EXCEPTION 'an issued document is final: % refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER documents_document_final BEFORE UPDATE OR DELETE ON documents_document
    FOR EACH ROW EXECUTE FUNCTION refuse_document_change();
"""
BACKWARD = """
DROP TRIGGER documents_document_final ON documents_document;
DROP FUNCTION refuse_document_change();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
