#!/usr/bin/env bash
# A sample for "machines": { "command": { "run": ["./start-host.sh"] } }: starts a lost host's service again, by ssh.
# Instead of ssh: create a machine with your cloud's own tool, and let its first boot start `gemini host`.
#
# Told by the root agent: GEMINI_JOB, GEMINI_HOST, GEMINI_REASON, GEMINI_ATTEMPT, GEMINI_MISSING_SECONDS.
# Every line is shown in the job's status; exit code 0 means that the host is on its way, any other that there is no machine now.
# It is called again for the same host after a failure, and by a new root agent, so it must not undo what an earlier call did.
set -euo pipefail

unit="gemini@$GEMINI_JOB"
exec 9> "${TMPDIR:-/tmp}/gemini-$GEMINI_JOB-$GEMINI_HOST.lock"
flock --wait 60 9 || { echo "another call for $GEMINI_HOST is still at work"; exit 1; }

remote() { ssh -o BatchMode=yes -o ConnectTimeout=10 "$GEMINI_HOST" "$@"; }

echo "attempt $GEMINI_ATTEMPT for $GEMINI_HOST, $GEMINI_REASON"
remote true || { echo "$GEMINI_HOST does not answer; it needs a person or a new machine"; exit 1; }
# Seconds that its process has run; nothing when there is none.
age=$(remote "ps --no-headers --format etimes --pid \$(systemctl show --property MainPID --value $unit) || true")
age=$(echo "$age" | tr -d ' ')
if [ -n "$age" ] && [ "$age" -lt "$GEMINI_MISSING_SECONDS" ]; then
    echo "$unit runs on $GEMINI_HOST since $age s, so it was started after the loss"
else
    remote "sudo systemctl restart $unit"
    echo "$unit is started on $GEMINI_HOST"
fi
