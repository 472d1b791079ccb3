// eds user password, eds user unlock. A password never stands among a command's arguments: other
// users of the machine can read those.
#include <termios.h>
#include <unistd.h>

#include <cstdio>

#include "cli/access.h"
#include "cli/context.h"
#include "govern/accounts.h"

namespace eds::cli {
namespace {

// Standard input without its echo, as long as this lives.
class Unseen {
 public:
  Unseen() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Unseen() {
    if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  bool is_terminal() const { return is_terminal_; }

 private:
  termios before_{};
  bool is_terminal_;
};

std::string ask_line(const Unseen& input, const char* question) {
  if (input.is_terminal()) std::fputs(question, stderr);
  std::string line;
  for (int letter = std::getchar(); letter != EOF && letter != '\n'; letter = std::getchar()) {
    line += static_cast<char>(letter);
    if (line.size() > govern::kPasswordBytesMax) break;
  }
  if (input.is_terminal()) std::fputs("\n", stderr);
  return line;
}

}  // namespace

Status change_password(Context& context, const UserOptions& options) {
  const auto accounts =
      TRY(govern::Accounts::open(Env::posix(), context.audit(), context.rights(),
                                 join(context.warehouse().directory(), "rights")));
  if (options.verb == "unlock") return accounts->unlock(context.author(), options.name);
  const Unseen input;
  const std::string password = ask_line(input, "New password: ");
  if (input.is_terminal() && password != ask_line(input, "The same again: ")) {
    return Error{Code::Usage, "the two passwords differ: nothing was changed"};
  }
  return accounts->set_password(context.author(), options.name, password);
}

}  // namespace eds::cli
