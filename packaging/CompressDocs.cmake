# Run by CPack on the folder that it is about to pack: Debian keeps manual pages
# and the list of changes compressed, without a name or a date inside, and wants
# to know which rules of its own are broken on purpose.

set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)
configure_file(${CPACK_VITRAIL_CHANGELOG} ${share}/doc/vitrail/changelog
  COPYONLY)
file(GLOB files ${share}/man/man1/*.1)
execute_process(COMMAND gzip -9n ${share}/doc/vitrail/changelog ${files}
  COMMAND_ERROR_IS_FATAL ANY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/lintian-overrides
  ${share}/lintian/overrides/vitrail COPYONLY)
