-- What is read in a file is kept beside it, once for all that refer to its content. NULL: nobody has looked; 'reading', until
-- `text_until`; 'read': the text lies beside the object; else why there is none. A text that kills its reader is tried a few
-- times and no more.
ALTER TABLE file_objects ADD COLUMN text TEXT;
ALTER TABLE file_objects ADD COLUMN text_until INTEGER;
ALTER TABLE file_objects ADD COLUMN text_tries INTEGER NOT NULL DEFAULT 0;
