#!/bin/sh
# One visit to the shell shop, played with nothing but mosquitto_pub: somebody comes in with a card, takes a bottle of
# water, and leaves. Usage: visit.sh PORT PASSWORD   (the password of the account "twin": DATA/secrets/mqtt-twin)
set -eu
port=$1 password=$2 shop=walkout/shell-shop start=$(date +%s)
pub() { mosquitto_pub -h 127.0.0.1 -p "$port" -u twin -P "$password" -q 1 "$@"; }

# Devices announce themselves, to stay (-r). Time runs four times as fast here, so their clock is "simulated".
for device in plates-fridge people gate-door; do
  pub -r -t "$shop/status/$device" -m '{"state":"up","clock":"simulated","boot":"'"$start"'"}'
done

# A batch of 12 samples at 60 Hz, five a second: plate 1 loses 415 g at second 8.5.
plates() {
  awk -v start="$start" 'BEGIN { srand(1)
    for (n = 0; n < 150; n++) {
      line = sprintf("{\"seq\":%d,\"boot\":\"%d\",\"rate_hz\":60,\"t_ns\":%d%09d,\"grams\":[", n, start, start + int(n / 5), n % 5 * 200000000)
      for (k = 0; k < 12; k++) {
        at = n / 5 + k / 60; one = 3320 - (at > 8.5 ? 415 : 0) + rand(); two = 2176 + rand()
        line = line sprintf("%s[[%.2f,%.2f]]", k ? "," : "", one, two)
      }
      print line "]}"; fflush(); system("sleep 0.05")
    } }' | pub -l -t "$shop/plates/fridge"
}

# Ten frames a second: in at second 2, at the fridge with a hand in it from 7.8 to 9.2, out at second 14.
people() {
  awk -v start="$start" 'function joint(name, x, y, z) {
      return sprintf("\"%s\":{\"x_m\":%.3f,\"y_m\":%.3f,\"z_m\":%.3f,\"score\":0.99}", name, x, y, z)
    }
    BEGIN { for (n = 0; n < 300; n++) {
      at = n / 10; someone = ""
      if (at >= 2 && at <= 14) {
        share = at < 6 ? (at - 2) / 4 : at < 11 ? 1 : (14 - at) / 3
        x = 0.3 + 0.6 * share; y = 0.3 + 0.7 * share; reach = at >= 7.8 && at <= 9.2
        someone = "{\"id\":\"7\",\"joints\":{" joint("head", x, y, 1.7) "," joint("neck", x, y, 1.5) "," \
          joint("l_shoulder", x - 0.2, y, 1.4) "," joint("r_shoulder", x + 0.2, y, 1.4) "," \
          joint("l_wrist", x - 0.2, y, 0.9) "," \
          joint("r_wrist", reach ? 0.9 : x + 0.2, reach ? 1.48 : y, reach ? 1.08 : 0.9) "}}"
      }
      printf("{\"seq\":%d,\"boot\":\"%d\",\"t_ns\":%d%09d,\"people\":[%s]}\n", n, start, start + int(n / 10), n % 10 * 100000000, someone)
      fflush(); system("sleep 0.025")
    } }' | pub -l -t "$shop/people"
}

plates & people &
sleep 0.6
pub -t "$shop/gate/door" -m '{"seq":0,"boot":"'"$start"'","t_ns":'"$((start + 2))"'000000000,"way":"entry","credential":"card:ann","person":"7"}'
sleep 3
pub -t "$shop/gate/door" -m '{"seq":1,"boot":"'"$start"'","t_ns":'"$((start + 14))"'000000000,"way":"exit","credential":"card:ann","person":"7"}'
wait
