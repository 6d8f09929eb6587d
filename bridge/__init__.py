"""Folkmoot: citizens' mails and forms in encrypted Matrix rooms that municipalities share."""
