"""Cases: everything raised, its workflow, deadlines, evidence, reporters and history."""
