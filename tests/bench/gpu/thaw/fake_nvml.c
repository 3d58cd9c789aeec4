/*
 * NVIDIA's management library without a card, for tests: one of 80 GiB, of which 3 GiB are in use.
 * THAW_FAKE_INIT is what nvmlInit_v2 returns (0).
 *
 * Built with: gcc -Os -s -shared -fPIC -nostdlib -Wl,--build-id=none -Wl,-z,noseparate-code -o libnvidia-ml.so.1 fake_nvml.c -lc
 */
extern char *getenv(const char *);
extern int atoi(const char *);

struct memory { unsigned long long total, free, used; };
static int card;

int nvmlInit_v2(void) {
  const char *text = getenv("THAW_FAKE_INIT");
  return text ? atoi(text) : 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
  *device = &card;
  return index == 0 ? 0 : 2; /* NVML_ERROR_INVALID_ARGUMENT */
}

int nvmlDeviceGetMemoryInfo(void *device, struct memory *memory) {
  if (device != &card) return 2;
  memory->total = 80ull << 30, memory->free = 77ull << 30, memory->used = 3ull << 30;
  return 0;
}

int nvmlShutdown(void) { return 0; }
