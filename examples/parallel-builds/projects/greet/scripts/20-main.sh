echo "hello, $(who "$@")"
