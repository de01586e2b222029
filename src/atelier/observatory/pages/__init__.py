"""Pages: each takes a value and hands it to a template; what people see is made here."""
