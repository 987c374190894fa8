//! What is said of specs before a small index.
