"""Training of the models of SmartReturns: from rows in files to one artefact folder."""
