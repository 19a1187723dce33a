#!/bin/bash -eu
# Builds all targets as OSS-Fuzz and ClusterFuzzLite want them: called with SRC, OUT and, if it is
# to be something else than AddressSanitizer, SANITIZER. ci/oss-fuzz/check tries it without them.
cd "$SRC/lastword"
sanitizer=${SANITIZER:-address}
case $sanitizer in
  # Their own wrapper of cargo does the rest.
  coverage) cargo fuzz build -O ;;
  *) cargo fuzz build -O -s "$sanitizer" ;;
esac
release=fuzz/target/$(rustc -vV | sed -n 's/^host: //p')/release
for file in fuzz/fuzz_targets/*.rs; do
  target=$(basename "$file" .rs)
  cp "$release/$target" "$OUT/"
  if [ -d "corpus/$target" ]; then
    zip -qjr "$OUT/${target}_seed_corpus.zip" "corpus/$target"
  fi
  cp fuzz/script.options "$OUT/$target.options"
  if [ "$target" != wire_codec ]; then
    cp fuzz/script.dict "$OUT/$target.dict"
  fi
done
