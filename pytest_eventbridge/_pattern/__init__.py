"""Event patterns: reading them as the service does, and holding them against events as a rule would.

The parts, from the text to the verdict: `_scanner` and `_reader` take the JSON text apart, `_operators` and `_compiler`
make conditions and alternatives of it, `_fields` and `_matcher` hold them against an event, `_consistency` where fields
meet in an array, `_explanation` and `_wording` say why not. `_event_pattern` is what the rest of the package uses.
"""
