"""The JSON Schema of a form's file, by which an editor completes and checks it while somebody writes."""
