bundle /dist/backup scripts
