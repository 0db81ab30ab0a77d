"""The contents of a document may be deleted once ten whole years are over since its own."""

from django.db import migrations, models

FORWARD = """
CREATE OR REPLACE FUNCTION refuse_document_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    printed CONSTANT text[] := ARRAY['pdf_path', 'pdf_sha256', 'rendered_at'];
    emptied CONSTANT text[] := ARRAY['pdf_path', 'content', 'xml', 'redacted_at'];
    at_year integer;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.redacted_at IS NULL THEN
        IF to_jsonb(NEW) - printed = to_jsonb(OLD) - printed THEN
            RETURN NEW;
        END IF;
        at_year := EXTRACT(YEAR FROM LEAST(NEW.redacted_at, now()) AT TIME ZONE 'Asia/Jakarta');
        IF NEW.redacted_at IS NOT NULL AND NEW.content = '{}' AND NEW.xml = ''
           AND NEW.pdf_path IN (OLD.pdf_path, '')
           AND to_jsonb(NEW) - emptied = to_jsonb(OLD) - emptied
           AND at_year > OLD.year + 10
           AND EXISTS (SELECT FROM documents_seal WHERE document_id = OLD.id AND
                       at_year > EXTRACT(YEAR FROM sealed_at AT TIME ZONE 'Asia/Jakarta') + 10) THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND NEW.pdf_path = ''
          AND to_jsonb(NEW) - 'pdf_path' = to_jsonb(OLD) - 'pdf_path' THEN
        RETURN NEW;  -- the PDF of what was redacted is deleted, too
    END IF;
    RAISE EXCEPTION 'an issued document is final: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION refuse_document_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR
       (to_jsonb(NEW) - 'pdf_path' - 'pdf_sha256' - 'rendered_at')
       IS DISTINCT FROM (to_jsonb(OLD) - 'pdf_path' - 'pdf_sha256' - 'rendered_at') THEN
        RAISE EXCEPTION 'an issued document is final: % refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0009_commission_credit'),
    ]

    operations = [
        migrations.AddField(
            model_name='document',
            name='redacted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('redacted_at__isnull', True)), fields=['year', 'id'], name='documents_with_contents'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('redacted_at__isnull', False), models.Q(('pdf_path', ''), _negated=True)), fields=['id'], name='files_of_redacted_documents'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('redacted_at__isnull', True), models.Q(('content', {}), ('xml', '')), _connector='OR'), name='redacted_document_is_empty'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
