# Removes what nobody has touched for a month.
find "${1:-/tmp}" -type f -mtime +30 -exec rm {} +
