"""Credit notes never exceed their invoice; seals, roots and logos are never changed."""

from django.db import migrations

from niaga.plumbing.append_only import append_only

FORWARD = """
CREATE FUNCTION refuse_credit_beyond_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    invoiced bigint;
    credited bigint;
BEGIN
    SELECT total_minor INTO invoiced FROM documents_document
     WHERE id = NEW.corrects_id AND kind = 'invoice' AND seller_id = NEW.seller_id
       AND currency = NEW.currency FOR UPDATE;
    IF invoiced IS NULL THEN
        RAISE EXCEPTION 'a credit note corrects an invoice of its seller'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT COALESCE(SUM(total_minor), 0) INTO credited FROM documents_document
     WHERE corrects_id = NEW.corrects_id;
    IF NEW.total_minor <= 0 OR credited + NEW.total_minor > invoiced THEN
        RAISE EXCEPTION 'credited % and now % of an invoice of %',
            credited, NEW.total_minor, invoiced USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER documents_document_credit BEFORE INSERT ON documents_document
    FOR EACH ROW WHEN (NEW.corrects_id IS NOT NULL)
    EXECUTE FUNCTION refuse_credit_beyond_invoice();
"""
BACKWARD = """
DROP TRIGGER documents_document_credit ON documents_document;
DROP FUNCTION refuse_credit_beyond_invoice();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_seals_styles_and_bundles")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        append_only("documents_seal"),
        append_only("documents_dailyroot"),
        append_only("documents_logo"),
    ]
