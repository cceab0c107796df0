//! Helpers of the tests: directories and processes that clean up after themselves.
