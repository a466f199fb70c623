#pragma once

#include <cstddef>

/// Copies to shared memory that a thread waits for later. Nothing is there before it has waited.

// NOLINTBEGIN(bugprone-reserved-identifier)
void __pipeline_memcpy_async(void* shared, const void* from, size_t size);
void __pipeline_commit();
void __pipeline_wait_prior(size_t groups_left);
// NOLINTEND(bugprone-reserved-identifier)
