-- Ratings as in the source document of the product, places and preferences as in that of the recommendations, with their indexes
-- as written there. Reviews are left out: the documented queries read their average from the place. One index is added: the document's
-- on bare degrees cannot serve a search by metres, and the plain search by ST_DWithin is to be measured with an index.

CREATE TABLE ratings (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  task_id UUID NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
  rater_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  ratee_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  score INTEGER NOT NULL CHECK (score >= 1 AND score <= 5),
  comment TEXT,
  created_at TIMESTAMP DEFAULT NOW(),
  UNIQUE(task_id, rater_id)
);
CREATE INDEX idx_ratings_ratee ON ratings(ratee_id, created_at DESC);
CREATE INDEX idx_ratings_task ON ratings(task_id);
CREATE INDEX idx_ratings_score ON ratings(score);

CREATE TABLE place (
  id VARCHAR(100) PRIMARY KEY,
  name VARCHAR(200) NOT NULL,
  lat DOUBLE PRECISION NOT NULL,
  lng DOUBLE PRECISION NOT NULL,
  types VARCHAR(500),
  category VARCHAR(100),
  rating DOUBLE PRECISION,
  user_ratings_total INTEGER,
  description TEXT,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);
CREATE TABLE preference (
  id SERIAL PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  category VARCHAR(100) NOT NULL,
  rating DOUBLE PRECISION NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  UNIQUE (user_id, category)
);

SET session_replication_role = replica;

INSERT INTO ratings (task_id, rater_id, ratee_id, score, created_at)
SELECT task_id, rater_id, ratee_id, score, created_at FROM bench.ratings;

INSERT INTO place (id, name, lat, lng, types, category, rating, user_ratings_total, description)
SELECT p.id, p.name, p.latitude, p.longitude, p.category, p.category, r.average, r.total, p.description
FROM bench.places p
LEFT JOIN (SELECT place_id, avg(rating)::float8 AS average, count(*)::integer AS total FROM bench.place_reviews GROUP BY place_id) r ON r.place_id = p.id;

INSERT INTO preference (user_id, category, rating) SELECT user_id, category, rating FROM bench.preferences;

SET session_replication_role = origin;

CREATE INDEX idx_place_location ON place USING gist (ST_SetSRID(ST_MakePoint(lng, lat), 4326));
CREATE INDEX idx_place_category ON place (category);
CREATE INDEX idx_place_geography ON place USING gist ((ST_SetSRID(ST_MakePoint(lng, lat), 4326)::geography));
CREATE INDEX idx_preference_user_id ON preference (user_id);
CREATE INDEX idx_preference_category ON preference (category);

GRANT SELECT ON ratings, place, preference TO authenticator;
