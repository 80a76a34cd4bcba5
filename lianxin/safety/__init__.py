"""Safety at work: hazard reports, suggestions, same-kind sweeps, procedures, rewards (the Yingkou practice)."""
