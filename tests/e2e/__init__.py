"""The real bridge process between two real homeservers: what citizens, officers and operators see."""
