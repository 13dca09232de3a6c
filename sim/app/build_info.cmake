# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# Run at each build (cmake -P): writes OUTPUT, and touches it only when its content changes, so that a new
# commit recompiles one file. Works without git and outside of a repository.
set(commit unknown)
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} rev-parse --show-toplevel
                  OUTPUT_VARIABLE top ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} rev-parse --verify HEAD RESULT_VARIABLE failed
                  OUTPUT_VARIABLE head ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  file(REAL_PATH ${SOURCE_DIR} source)
  # An unpacked release inside somebody else's repository must not claim their commit.
  if(NOT failed AND top STREQUAL source)
    set(commit ${head})
    execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} status --porcelain --untracked-files=no
                    OUTPUT_VARIABLE changes ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(changes)
      string(APPEND commit "-dirty")
    endif()
  endif()
endif()
set(text "#pragma once
#define TRICYCLE_VERSION \"${VERSION}\"
#define TRICYCLE_GIT_COMMIT \"${commit}\"
#define TRICYCLE_COMPILER \"${COMPILER}\"
#define TRICYCLE_BUILD_TYPE \"${BUILD_TYPE}\"
")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
