"""The market on several processes under load, while some of them are killed: `python -m examples.market.scale`."""
