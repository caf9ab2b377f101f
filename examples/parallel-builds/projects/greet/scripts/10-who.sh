# Whom to greet.
who() { echo "${1:-world}"; }
