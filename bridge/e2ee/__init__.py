"""The Olm/Megolm machine of one device, on vodozemac.  Knows neither cases nor the appservice."""
