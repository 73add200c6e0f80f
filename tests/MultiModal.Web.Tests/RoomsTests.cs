using MultiModal.Testing.Architecture;

namespace MultiModal.Web.Tests;

public class RoomsTests
{
    [Fact]
    public void Rooms_depend_one_way() => Rooms.DependOneWay(typeof(WebRoutes).Assembly);
}
