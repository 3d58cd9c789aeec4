/*
 * A driver without a card, for tests: what it tells comes from the environment when it is asked.
 *
 *   THAW_FAKE_INIT     what cuInit returns (0)
 *   THAW_FAKE_CUDA     the newest CUDA, as a number (12080)
 *   THAW_FAKE_CARDS    how many cards (1)
 *
 * Built with: gcc -Os -s -shared -fPIC -nostdlib -Wl,--build-id=none -Wl,-z,noseparate-code -o libcuda.so.1 fake_libcuda.c -lc
 */
extern char *getenv(const char *);
extern int atoi(const char *);

static int number(const char *name, int otherwise) {
  const char *text = getenv(name);
  return text ? atoi(text) : otherwise;
}

int cuInit(unsigned flags) { return number("THAW_FAKE_INIT", 0); }
int cuDriverGetVersion(int *version) { *version = number("THAW_FAKE_CUDA", 12080); return 0; }
int cuDeviceGetCount(int *count) { *count = number("THAW_FAKE_CARDS", 1); return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
int cuDeviceTotalMem_v2(unsigned long *bytes, int device) { *bytes = (80ul - device) << 30; return 0; }

int cuDeviceGetName(char *name, int length, int device) {
  const char *text = "NVIDIA H100 (fake)";
  int i = 0;
  for (; text[i]; i++) name[i] = text[i];
  name[i] = 0;
  return 0;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  *value = attribute == 75 ? 9 : attribute == 76 ? 0 : -1;
  return 0;
}

int cuGetErrorString(int code, const char **text) {
  if (code != 803) return 1;
  *text = "system has unsupported display driver / cuda driver combination";
  return 0;
}
