# Shared by the scripts: installs what is missing and configures the build.
# Everything comes from Debian packages (Debian 12 and its LLVM 22).

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${VITRAIL_BUILD:-$root/build}

packages=(
  llvm-22-dev libmlir-22-dev libmlir-22 mlir-22-tools llvm-22-tools
  clang-22 lld-22 liblld-22-dev
  cmake ninja-build ccache dpkg-dev python3
  libgtest-dev libjpeg62-turbo-dev libpng-dev zlib1g-dev libzstd-dev libxml2-dev libffi-dev libc6-dev
  libdnnl-dev
)

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null |
      grep -q '^install ok installed$' || echo "$package"
  done
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "These Debian packages are missing: ${missing[*]}" >&2
      echo "Install them, or run this script as root:" >&2
      echo "  apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Configures the build folder once; afterwards ninja itself runs cmake where
# something changed. (Naming the compilers again would empty cmake's cache.)
configure() {
  [ -f "$build/build.ninja" ] && return 0
  local prefix log
  prefix=$(llvm-config-22 --prefix) || return 1
  log=$(mktemp) || return 1
  if ! cmake -S "$root" -B "$build" -G Ninja \
    -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_C_COMPILER="$(command -v clang-22)" \
    -DCMAKE_CXX_COMPILER="$(command -v clang++-22)" \
    -DCMAKE_PREFIX_PATH="$prefix" \
    -DLLVM_EXTERNAL_LIT="$prefix/bin/lit" \
    -DMLIR_LINK_MLIR_DYLIB=ON -DLLVM_USE_LINKER=lld \
    >"$log" 2>&1; then
    cat "$log" >&2
    # A build.ninja that is there is a sign of success.
    rm -f "$log" "$build/build.ninja" "$build/CMakeCache.txt"
    return 1
  fi
  rm -f "$log"
}
