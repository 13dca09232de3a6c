// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <cuda_runtime.h>

namespace workload::cuda {

// Throws sim::Error with CUDA's own words: (limit) for memory that is not there, else (internal).
void check(cudaError_t error, const char* what);
// After every kernel launch.
inline void check_launch(const char* kernel) { check(cudaGetLastError(), kernel); }

// Throws sim::Error (usage) unless there is a device with the instructions that the kernels were built for.
void require_device();
void* allocate(std::size_t bytes);  // filled with NaN patterns, so that nothing unwritten goes unnoticed
void release(void* p);

// An array on the device.
template <class T>
class DeviceArray {
 public:
  DeviceArray() = default;
  explicit DeviceArray(std::size_t size) : data_(static_cast<T*>(allocate(size * sizeof(T)))), size_(size) {}
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    upload(values.data(), values.size());
  }
  DeviceArray(DeviceArray&& other) noexcept { swap(other); }
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    swap(other);
    return *this;
  }
  ~DeviceArray() { release(data_); }

  T* data() const { return data_; }
  T* at(std::size_t index) const { return data_ + index; }
  std::size_t size() const { return size_; }
  void upload(const T* values, std::size_t count) {
    check(cudaMemcpy(data_, values, count * sizeof(T), cudaMemcpyHostToDevice), "copy to the GPU");
    check(cudaStreamSynchronize(cudaStreamLegacy),
          "copy to the GPU");  // our streams do not wait for that one
  }

 private:
  void swap(DeviceArray& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

class Stream {
 public:
  explicit Stream(bool low_priority = false);
  ~Stream() { cudaStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  operator cudaStream_t() const { return stream_; }
  void wait() const { check(cudaStreamSynchronize(stream_), "waiting for the GPU"); }

 private:
  cudaStream_t stream_ = nullptr;
};

class Event {
 public:
  explicit Event(bool timed = true) {
    check(cudaEventCreateWithFlags(&event_, timed ? cudaEventDefault : cudaEventDisableTiming),
          "making an event");
  }
  ~Event() {
    if (event_ != nullptr) cudaEventDestroy(event_);
  }
  Event(Event&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  operator cudaEvent_t() const { return event_; }
  void record(cudaStream_t stream) { check(cudaEventRecord(event_, stream), "recording an event"); }
  // The same, also within work that is being recorded as a graph: each replay then takes the time anew.
  void record_time(cudaStream_t stream) {
    cudaStreamCaptureStatus status{};
    check(cudaStreamIsCapturing(stream, &status), "recording an event");
    check(cudaEventRecordWithFlags(
              event_, stream,
              status == cudaStreamCaptureStatusNone ? cudaEventRecordDefault : cudaEventRecordExternal),
          "recording an event");
  }

 private:
  cudaEvent_t event_ = nullptr;
};

std::uint64_t ns_between(const Event& begin, const Event& end);

}  // namespace workload::cuda
