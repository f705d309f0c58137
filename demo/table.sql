CREATE TABLE packages (
  id          int PRIMARY KEY,
  package     text NOT NULL,
  description text NOT NULL,
  section     text NOT NULL,
  size_kb     int NOT NULL,
  priority    text NOT NULL,
  embedding   vector(384) NOT NULL,
  words       tsvector GENERATED ALWAYS AS
    (to_tsvector('english', package || ' ' || description)) STORED
);
