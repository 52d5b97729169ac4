-- Packs hold their columns one after another and deflated from here on. They are derived: the next publication packs the
-- observations of every day anew.
DELETE FROM observation_pack;
