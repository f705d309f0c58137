CREATE INDEX ON packages USING ivfflat (embedding vector_cosine_ops);
CREATE INDEX ON packages USING gin (words);
CREATE INDEX ON packages (section);

-- How many packages have a word: the rare ones tell most.
CREATE TABLE lexemes AS
  SELECT word, ndoc FROM ts_stat('SELECT words FROM packages');
ALTER TABLE lexemes ADD PRIMARY KEY (word);
VACUUM ANALYZE packages, lexemes;
