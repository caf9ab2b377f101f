tar -cz -f "$(name "$1")" "$1"
