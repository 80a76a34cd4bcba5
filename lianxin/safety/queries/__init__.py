"""Reading the safety line. Every query takes the viewer or a case that the viewer was given."""
