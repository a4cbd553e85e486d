"""XLSForm in and out: workbooks, CSV and Markdown of ODK and Kobo ↔ `Draft` and `Questionnaire`."""
