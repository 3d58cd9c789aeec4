/*
 * A framework of TensorFlow that opens CUDA 12's runtime when it is loaded, and does nothing else; for tests.
 *
 * Built with: gcc -shared -nostdlib -Wl,-soname,libcudart.so.12 -o libcudart.so.12 -x c /dev/null
 *             gcc -Os -s -shared -nostdlib -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,--no-as-needed \
 *               -o opens_cuda_12.so opens_cuda_12.c libcudart.so.12
 */
