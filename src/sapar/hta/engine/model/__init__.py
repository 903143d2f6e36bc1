"""A model as a document: what it holds, how it is read, and what is wrong with it."""
