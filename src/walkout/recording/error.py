"""What goes wrong with a recording, in words a person can act on."""


class RecordingError(ValueError):
    """A file that cannot be read or written as a recording; the text says what was found and what would be right."""


class MalformedError(RecordingError):
    """One message, line or record that cannot be read; a reader lists it as a loss and goes on."""
