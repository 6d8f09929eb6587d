"""The web forms wing: pages, and the pure schema and submission behind them."""
