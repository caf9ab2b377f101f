# What a backup is called: by its day, so that there is one a day.
name() { echo "$(basename "$1")-$(date +%F).tar.gz"; }
