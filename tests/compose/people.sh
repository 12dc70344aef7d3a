# Sourced by up, when all that was to be killed is back: the same stack with people from an issuer, as
# an operator would change it over, and the console.
need openssl openssl
issuer_folder="$(tests/sign-in/start --bring)"
build interim-visits/issuer:local-1 tests/compose/images/issuer.Dockerfile "$issuer_folder"

certificates="$work/issuer"
mkdir -p "$certificates/server"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=an authority of this test' \
    -keyout "$work/authority.key" -out "$certificates/authority.pem" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=issuer \
    -keyout "$certificates/server/key.pem" -out "$work/issuer.csr" 2>/dev/null
openssl x509 -req -in "$work/issuer.csr" -days 2 -CA "$certificates/authority.pem" \
    -CAkey "$work/authority.key" -CAcreateserial -out "$certificates/server/certificate.pem" \
    -extfile <(printf 'subjectAltName=DNS:issuer\nbasicConstraints=CA:FALSE\n') 2>/dev/null
chmod -R a+rX "$certificates"

# Tokens are of today: the clock goes to today with its file, and on with it until up ends.
(
    while :; do
        date --utc --iso-8601=ns >"$work/clock/next"
        mv "$work/clock/next" "$work/clock/now"
        sleep 0.2
    done
) &
ticking=$!

client_secret="$(openssl rand -hex 24)"
printf '%s\n' "$client_secret" >"$work/secrets/console_client_secret"
export VISITS_ISSUER=https://issuer:9000 VISITS_ISSUER_FILES="$certificates"
VISITS_ISSUER_ARGUMENT="$(printf '%s' '{"console":"http://127.0.0.1:7481","token_seconds":300,' \
    '"secret":"'"$client_secret"'","next":{"sub":"DESK-1","roles":["duty-desk"]},' \
    '"https":{"host":"issuer","port":9000,"key":"/server/key.pem","certificate":"/server/certificate.pem"}}')"
export VISITS_ISSUER_ARGUMENT
files+=(-f tests/compose/docker-compose.issuer.yml --profile console)
started=$SECONDS
bring_up
echo "changed over to people from an issuer, with the console, after $((SECONDS - started)) s"
"${inside[@]}" "${client[@]}" tests/compose/sign_in.py --console http://127.0.0.1:7481 \
    --authority "$certificates/authority.pem" -- "$tools/docker-compose" "${files[@]}"
