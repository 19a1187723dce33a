#!/bin/bash -eu
# Builds all targets for OSS-Fuzz and ClusterFuzzLite. SRC and OUT must be set; SANITIZER selects
# another sanitizer than AddressSanitizer. ci/oss-fuzz/check runs it without these services.
cd "$SRC/lastword"
sanitizer=${SANITIZER:-address}
case $sanitizer in
  # The services' own wrapper of cargo does the rest.
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
