"""One patient's journey: frozen events, a pure fold, and one door that accepts an event or refuses it with numbered reasons."""
